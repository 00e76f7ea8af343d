use crate::domain::Email;

/// How people's addresses are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Masking {
    /// The first letter and the domain.
    #[default]
    Masked,
    /// As they are; whoever asks for it in production is named in the audit trail.
    Unmasked,
}

impl Masking {
    /// The address as it is shown.
    pub fn address(self, email: &Email) -> String {
        match self {
            Self::Masked => email.masked(),
            Self::Unmasked => email.expose().to_owned(),
        }
    }
}
