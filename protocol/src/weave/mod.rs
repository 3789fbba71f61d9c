//! The weave: who is tied to whom, how wide the bridges between clusters are, and how far a call
//! reaches that several voices must back before people join.
//!
//! **Invariant:** every number here is a pure function of the networks, ties, clusters and classes
//! that it is given; order of arrival and the choice of names change nothing but names.
//!
//! **Invariant:** every number is whole, and nothing here tells who has read what: all follows
//! from public ties and endorsements.
//!
//! A *simple* contagion, such as news, needs one contact; a *complex* one, such as joining an
//! action, needs several (Centola and Macy, "Complex contagions and the weakness of long ties",
//! American Journal of Sociology 113, 2007). So a bridge is more than its ties:
//!
//! * **ties** (A, B): pairs a ∈ A, b ∈ B with an active tie.
//! * **carriers** (A, B): the size of a maximum matching among these ties, which is the fewest
//!   networks whose loss cuts the bridge (Kőnig 1931). It says what the bridge survives.
//! * **lit k** (A → B): how many of B join when all of A have, and everyone in B joins whom k
//!   independent neighbours have joined, those of B included, until nobody more does. It says what
//!   the bridge can do. At k = 1 this is hearing; at 2 and 3, joining.
//! * **wide** at k: at least half of B is lit.
//! * **width** of one network towards another, W(i → j) = Σ |N(c) ∩ (N\[j\] ∖ N\[i\])| over all c in
//!   N\[i\] ∩ N\[j\], where N\[·\] counts the network itself (Centola and Macy 2007). On a ring
//!   lattice a contagion of threshold k needs k(k+1)/2.
//! * **redundancy** of a tie {a, b}: |N(a) ∩ N(b)|, the ways round it in two steps; 0 is a lone
//!   thread.
//! * **reinforced** at k: who has k independent voices among its neighbours.
//!
//! Voices of one *independence class* (one owner, one fiscal host, one operator) are one voice.
//!
//! What it does not say: that single ties are worthless. Where some people join below the
//! threshold, long ties do speed the spread (Eckles, Mossel, Rahimian and Sen 2024); that is why
//! k = 1 stands beside 2 and 3 everywhere. And a quarter of a cluster, though marked, is a line of
//! reference and no law: it comes from one experiment on naming (Centola, Becker, Brackbill and
//! Baronchelli, Science 360, 2018).

mod allies;
mod bridge;
mod cascade;
mod graph;
mod independence;
mod matching;
mod reach;
mod suggest;
mod ways;

pub use allies::{Ally, COMMON_GROUND_MIN, Candidate, SHARED_MIN, unlikely_allies};
pub use bridge::{Bridge, THRESHOLDS, spanning_tree};
pub use graph::{Edge, Pattern, Thread, Weave};
pub use independence::{Classes, Link};
pub use reach::{JOIN, Next, Reach, Reinforced, Share};
pub use suggest::{Missing, Suggestion, Widening, Wish};
pub use ways::{Way, Ways};

#[cfg(test)]
mod tests;
