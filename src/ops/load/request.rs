use bytes::Bytes;

/// One HTTP request to the gateway, not yet on its way.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) is_post: bool,
    /// With its leading slash.
    pub(super) path: String,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Bytes,
}

impl Request {
    pub(super) fn get(path: String) -> Self {
        Self { is_post: false, path, headers: Vec::new(), body: Bytes::new() }
    }

    pub(super) fn post(path: String, body: Bytes) -> Self {
        Self { is_post: true, path, headers: vec![("content-type", "application/json".to_owned())], body }
    }

    pub(super) fn with(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }
}

/// Headers hold credentials and bodies hold addresses.
impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request").field("is_post", &self.is_post).field("path", &self.path).finish_non_exhaustive()
    }
}
