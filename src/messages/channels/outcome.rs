//! How a sending may end.

/// How a sending ended. Every code is a short fixed token of ours, never a provider's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The provider took it over.
    Accepted {
        /// The provider's name for it, if it gave one.
        reference: Option<String>,
    },
    /// The address, phone or number does not exist (any more): forget it.
    TargetGone,
    /// This message will never be taken; the target stays.
    Refused {
        /// Why.
        code: &'static str,
    },
    /// Our settings or our code are wrong: the target stays, the operator is told, the message is tried again slowly.
    OurFault {
        /// What is wrong.
        code: &'static str,
    },
    /// Certainly not taken, perhaps later.
    RetryAfter {
        /// Seconds the provider asks for, at most a day.
        seconds: Option<u32>,
        /// Why not now.
        code: &'static str,
    },
    /// Nothing of it was begun: it waits as if nobody had taken it.
    NotBegun {
        /// Why.
        code: &'static str,
    },
    /// It may or may not have been taken. E-mail and push go again under the same id, an SMS never without a person.
    Unknown {
        /// What was missing.
        code: &'static str,
    },
}

impl Outcome {
    /// Its code; `accepted` and `target_gone` for the two without one.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Accepted { .. } => "accepted",
            Self::TargetGone => "target_gone",
            Self::Refused { code }
            | Self::OurFault { code }
            | Self::RetryAfter { code, .. }
            | Self::NotBegun { code }
            | Self::Unknown { code } => code,
        }
    }

    /// Whether it says that the provider cannot be reached: the next message would fare no better.
    pub fn is_absence(&self) -> bool {
        matches!(self, Self::RetryAfter { code: "unreachable", .. })
    }

    /// Whether no answer came, or none that ends: the provider's doing, or this message's alone.
    pub fn is_silence(&self) -> bool {
        matches!(
            self,
            Self::RetryAfter { code: "timeout" | "connection_lost" | "answer_too_large", .. }
                | Self::Unknown { code: "timeout" | "no_answer" | "answer_too_large" }
        )
    }

    pub(super) const fn later(code: &'static str) -> Self {
        Self::RetryAfter { seconds: None, code }
    }
}
