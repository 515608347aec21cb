//! Access to jobs: callers, what each may read and change, and the check of a request. The server says
//! who calls.

use crate::lab::Lab;
use crate::lab::error::LabError;
use crate::store::record::{Kind, Record};
use engine::jobs::owner::Owner;

/// Extent of what a caller may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The caller's own jobs.
    User,
    /// All jobs.
    Admin,
}

/// Extent of what a caller who is not an admin may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Visibility {
    /// All jobs.
    #[default]
    All,
    /// The caller's own jobs.
    Owner,
}

/// What a request does with a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Shows it.
    Read,
    /// Cancels, resumes or deletes it.
    Change,
}

/// Client of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The owner of what the client creates.
    pub owner: Owner,
    /// What it may change.
    pub role: Role,
    /// What it may read.
    pub visibility: Visibility,
}

impl Default for Caller {
    /// The process that the lab runs inside: its history is its own.
    fn default() -> Self {
        Self { owner: Owner::Local, role: Role::Admin, visibility: Visibility::All }
    }
}

impl Caller {
    /// The owner to whose jobs an access is limited; `None` stands for all.
    pub fn limit(&self, access: Access) -> Option<&Owner> {
        match (self.role, access, self.visibility) {
            (Role::Admin, ..) | (Role::User, Access::Read, Visibility::All) => None,
            (Role::User, Access::Change, _) | (Role::User, Access::Read, Visibility::Owner) => {
                Some(&self.owner)
            }
        }
    }

    /// The owners whose jobs the caller may change; `None` stands for all.
    pub fn changeable(&self) -> Option<Vec<Owner>> {
        self.limit(Access::Change).map(|owner| vec![owner.clone()])
    }

    /// Whether the caller has access to the jobs of an owner.
    pub fn may(&self, access: Access, owner: &Owner) -> bool {
        self.limit(access).is_none_or(|limit| limit == owner)
    }

    /// The owners whose jobs are the caller's own; `None` stands for all. The user that the lab runs as
    /// also owns what was created without a daemon.
    pub fn own(&self) -> Option<Vec<Owner>> {
        match &self.owner {
            Owner::Local => None,
            Owner::User(uid) if *uid == nix::unistd::geteuid().as_raw() => {
                Some(vec![self.owner.clone(), Owner::Local])
            }
            Owner::User(_) | Owner::Token(_) | Owner::Certificate(_) | Owner::Anyone => {
                Some(vec![self.owner.clone()])
            }
        }
    }

    fn owns(&self, owner: &Owner) -> bool {
        self.own().is_none_or(|own| own.contains(owner))
    }
}

impl Lab {
    /// A job to which the caller has access.
    pub fn authorized(
        &self,
        caller: &Caller,
        access: Access,
        kind: Kind,
        id: &str,
    ) -> Result<Record, LabError> {
        let record = self.record(kind, id)?;
        let is_allowed = caller.may(access, &record.owner);
        if access == Access::Change && !caller.owns(&record.owner) {
            let Caller { owner: by, role, visibility: _ } = caller;
            let (job, owner) = (kind.word(), &record.owner);
            tracing::info!(target: "audit", %by, ?role, job, id, %owner, is_allowed, "another's job");
        }
        if is_allowed {
            return Ok(record);
        }
        let (kind, id, caller) = (kind.word(), id.to_owned(), caller.clone());
        Err(if caller.may(Access::Read, &record.owner) {
            LabError::NotOwner { kind, id, owner: record.owner, caller: caller.owner }
        } else {
            LabError::Private { kind, id, caller: caller.owner }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn access_follows_role_and_setting() {
        let (anna, boris) = (Owner::Token("anna".into()), Owner::Token("boris".into()));
        for (role, visibility, change, read) in [
            (Role::User, Visibility::All, false, true),
            (Role::User, Visibility::Owner, false, false),
            (Role::Admin, Visibility::All, true, true),
            (Role::Admin, Visibility::Owner, true, true),
        ] {
            let caller = Caller { owner: anna.clone(), role, visibility };
            assert!(caller.may(Access::Change, &anna) && caller.may(Access::Read, &anna));
            assert_eq!(caller.may(Access::Change, &boris), change, "{caller:?}");
            assert_eq!(caller.may(Access::Read, &boris), read, "{caller:?}");
        }
    }

    #[test]
    fn user_of_the_lab_owns_what_was_created_without_a_daemon() {
        let caller = |owner| Caller { owner, ..Caller::default() };
        let own = Owner::User(nix::unistd::geteuid().as_raw());
        assert_eq!(caller(own.clone()).own(), Some(vec![own, Owner::Local]));
        assert_eq!(caller(Owner::Local).own(), None);
        assert_eq!(caller(Owner::Anyone).own(), Some(vec![Owner::Anyone]));
    }
}
