//! Whether a log lies in the coordinator's tray, and who takes it out.

use crate::base::ids::AccountId;
use crate::sessions::logs::model::Tray;

/// What a version asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Nothing: a coordinator wrote it, who looked.
    Done,
    /// Nothing.
    Spared,
    /// Nothing by itself: what lies there is for what an earlier version left, on which nobody decided.
    Owed,
    /// That a coordinator looks at it, or that whoever sent it puts it right.
    Asked,
    /// That a coordinator looks at it, whoever puts what right: it leaves a second session as it had said, and nobody decided on the first.
    Unit,
}

/// Where a log lies after a version `by` an account. What nobody decided on stays in the tray: it leaves that by a coordinator, or by the next word of
/// whoever alone sent what lies there.
pub fn after(before: Tray, by: AccountId, look: Look) -> Tray {
    match (before, look) {
        (_, Look::Done) => Tray::Out,
        (_, Look::Owed) => before,
        (Tray::Unit, _) | (_, Look::Unit) => Tray::Unit,
        (Tray::Of(whose), Look::Asked) if whose != by => Tray::Unit,
        (Tray::Of(whose), Look::Spared) if whose != by => Tray::Of(whose),
        (_, Look::Asked) => Tray::Of(by),
        (_, Look::Spared) => Tray::Out,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_decided_on_stays() {
        use Look::{Asked, Done, Owed, Spared};
        let [one, other] = [1, 2].map(|number| AccountId::from_uuid(uuid::Uuid::from_u128(number)));
        let (out, of, unit) = (Tray::Out, Tray::Of, Tray::Unit);
        #[rustfmt::skip]
        let cases = [
            ("nothing to look at", out, Spared, out),
            ("filed", out, Asked, of(one)),
            ("a slip that is put right", of(one), Spared, out),
            ("a second slip", of(one), Asked, of(one)),
            ("what another filed, corrected", of(other), Spared, of(other)),
            ("what two filed", of(other), Asked, unit),
            ("what several filed, corrected", unit, Spared, unit),
            ("two sessions were left", of(one), Look::Unit, unit),
            ("one had been left, and is undecided", of(one), Owed, of(one)),
            ("another had left one", of(other), Owed, of(other)),
            ("several filed and left one", unit, Owed, unit),
            ("a coordinator wrote", of(other), Done, out),
            ("a coordinator decided on several", unit, Done, out),
        ];
        for (name, before, look, expected) in cases {
            assert_eq!(after(before, one, look), expected, "{name}");
        }
    }
}
