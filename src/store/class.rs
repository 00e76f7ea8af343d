/// How urgent a write is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// A caller outside waits for the answer.
    Ingress,
    /// A group applies a batch.
    Consumer,
    /// Everything that can wait.
    Background,
}
