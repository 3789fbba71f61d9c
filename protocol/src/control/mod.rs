//! What people and their programs say to a node, and what it answers.
//!
//! One vocabulary for every door: a unix socket in the node's home and a stream between nodes.
//! On a connection the client sends one [`Request`] at a time and reads [`Response`]s until
//! the last one: for a question about one thing a single answer or [`Response::Failed`], for a list
//! one item after another and then [`Response::End`].
//!
//! **Invariant:** a view of a record is the record's own bytes and what its fold says; texts,
//! names and amounts are read from the bytes, so the door can never say what nobody signed.
//!
//! **Invariant:** no request carries a secret: members sign where they are.

mod flaw;
mod frame;
mod guest;
mod listening;
mod meeting;
mod policy;
mod posting;
mod refusal;
mod request;
mod response;

pub use flaw::Flaw;
pub use frame::{ControlError, DRAFT_BYTES_MAX, REVISION, decode, encode};
pub use guest::{Challenge, Guest, NONCE_BYTES, PROTOCOL, may_ask, stranger};
pub use listening::{Missed, Obstacle};
pub use meeting::{ClockView, Doubt, KnockView, SyncView};
pub use policy::{Explanation, NewcomerState, NewcomerTask, PolicyTask, PolicyView, Whereabouts};
pub use posting::{Fate, Held, Posted};
pub use refusal::{Breakage, Fault, Refusal};
pub use request::{
    BridgeTask, CallFilter, ConfigChange, GatheringFilter, ProposalFilter, RecordFilter,
    RegionTask, Request, StoreTask, WatchFilter,
};
pub use response::{
    AnswerState, BridgeView, CrossingView, Declared, Failure, Judgement, Mandate, NetworkState,
    NodeStatus, PeerView, ReachView, RegionView, Response, RoleState, StoreProblem, StoreReport,
    ThingView, TrialView, View, WaysView,
};
