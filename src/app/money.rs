//! What requests cost, and what is asked before they do.

pub mod account;
pub(super) mod budget;
pub mod confirmation;
pub mod consent;

use account::Account;
use confirmation::Confirmation;
use consent::Limits;

use crate::schema::Usd;
use crate::tree::Timestamp;

/// What requests cost, and what is asked before they do.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Money {
    pub spent: Spent,
    /// More than this is asked about before it leaves.
    pub limits: Limits,
    /// As it was when it was last asked for.
    pub account: Option<Account>,
    /// Asked before money leaves.
    pub confirmation: Option<Confirmation>,
}

/// Cost so far, of this profile's kind (real and simulated never mix).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spent {
    pub session: Usd,
    /// Of the local calendar day.
    pub day: Usd,
    pub day_budget: Option<Usd>,
    pub session_budget: Option<Usd>,
    /// When the local day is over and `day` begins anew.
    pub day_ends: Timestamp,
}
