//! How many records may stand side by side for one to look at: the bounds of fan-in.
//!
//! What is beyond is **surplus**, and is not kept. Of what a network says of one thing, what is kept is a
//! function of what there is: any node that has seen the same keeps the same, in whatever order it
//! came. Every key of the network has its place before any has a second one, so that no key puts out
//! what another has signed, and the network's own key comes first. Of what decides who speaks for a
//! network nothing that is here is ever put out; there who comes later is not taken.
//!
//! **Invariant:** what is kept does not depend on the order of arrival, and no key puts out what
//! another has signed (`ledger/tests/crowds` tests both).
//!
//! Section 9.14 of the specification has the orders, section 16 repeats the numbers.

/// Versions of a thing. Of a tie, a proposal or a gathering, on whose earlier versions seats and words
/// rest, the first are kept; of all else the last. Nobody edits a call sixty-four times, and who does
/// loses what has long been replaced.
pub const VERSIONS_MAX: usize = 64;

/// Answers of one kind by one network to one thing, all their versions counted; the first are kept, for
/// votes and seats rest on them. Eight for each of the sixteen asks that a call may have.
pub const ANSWERS_MAX: usize = 128;

/// The same of minutes: two for each of the meetings that a gathering may have.
pub const MINUTES_MAX: usize = 1_024;

/// Profiles of one network, in all regions and in all versions; the last are kept.
pub const PROFILES_MAX: usize = 64;

/// Declarations of values of one network, on all subjects and in all versions; the last are kept.
pub const VALUES_MAX: usize = 1_024;

/// Erased records of one thing of which the name is kept.
pub const TOMBSTONES_MAX: usize = 64;

/// Ends by one key of one thing: one for the thing, and some for versions of it.
pub const ENDS_BY_KEY_MAX: usize = 8;

/// Ends by one network of one thing, those by its own key and by the thing's signers aside.
pub const ENDS_MAX: usize = 64;

/// Acceptances of one role by one holder: one for each year of thirty.
pub const ROLE_ACCEPTANCES_MAX: usize = 32;

/// Events of one identity that lead nowhere: more are taken only where the log may go on by them.
pub const EVENTS_SPARE_MAX: usize = 256;

/// Events of one sort by one signer that follow one link of the log, when there are no spare ones: the
/// second shows that the signer says two things, and a third would show no more.
pub const TWINS_MAX: usize = 2;
