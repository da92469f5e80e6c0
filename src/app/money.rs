//! What requests cost, and what is asked before they do.

pub mod account;
pub mod bills;
pub(super) mod budget;
pub mod confirmation;
pub mod consent;

use account::Account;
use bills::{Balance, Bills};
use confirmation::Confirmation;
use consent::{Excess, Limits};

use crate::schema::Usd;
use crate::schema::price::Quote;
use crate::tree::Timestamp;

/// What requests cost, and what is asked before they do.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Money {
    pub spent: Spent,
    /// More than this is asked about before it leaves.
    pub limits: Limits,
    /// As it was when it was last asked for.
    pub account: Option<Account>,
    /// As the service told it last; `None`: it was not asked.
    pub balance: Option<Balance>,
    pub bills: Bills,
    /// Asked before money leaves.
    pub confirmation: Option<Confirmation>,
    /// What the lines of a pipe have ordered so far: they are one order, and asked about together.
    pub piped: Option<Piped>,
}

/// What the lines of a pipe have ordered.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Piped {
    /// Since the last yes.
    pub quotes: Vec<Quote>,
    /// There was a yes to so many: they may be many, not dear.
    pub is_agreed: bool,
}

impl Money {
    /// What the account can still pay, as far as that is known.
    pub fn left(&self) -> Option<Usd> {
        self.balance.as_ref()?.left(self.spent.session)
    }

    /// Why these requests must be asked about, together with what came by the same pipe before.
    pub fn excess(&self, quotes: &[Quote]) -> Vec<Excess> {
        match &self.piped {
            None => consent::excess(self.limits, quotes),
            Some(Piped { quotes: earlier, is_agreed }) => {
                let is_by_itself = quotes.len() > self.limits.requests;
                let mut found = consent::excess(self.limits, &[earlier, quotes].concat());
                found.retain(|excess| {
                    let is_count = matches!(excess, Excess::Requests(_));
                    !is_count || is_by_itself || !is_agreed
                });
                found
            }
        }
    }
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
