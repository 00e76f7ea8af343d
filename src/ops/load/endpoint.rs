use super::LoadError;

/// Where the gateway listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Endpoint {
    /// Host and port, as a socket wants them.
    pub(super) address: String,
    /// What stands in the header `Host`.
    pub(super) authority: String,
    /// What goes before every path.
    pub(super) prefix: String,
}

impl Endpoint {
    /// Reads a base URL. Only clear text: TLS would cost the client more than the request does, and hide what is measured.
    pub(super) fn parse(url: &str) -> Result<Self, LoadError> {
        let refused = || LoadError::Url(url.to_owned());
        let rest = url.strip_prefix("http://").ok_or_else(refused)?;
        let (authority, prefix) = rest.split_once('/').map_or((rest, String::new()), |(authority, path)| (authority, format!("/{path}")));
        if authority.is_empty() || authority.contains('@') {
            return Err(refused());
        }
        let after_host = authority.rsplit_once(']').map_or(authority, |(_, rest)| rest);
        let address = if after_host.contains(':') { authority.to_owned() } else { format!("{authority}:80") };
        Ok(Self { address, authority: authority.to_owned(), prefix: prefix.trim_end_matches('/').to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_becomes_an_address() {
        let parts = |url| Endpoint::parse(url).map(|endpoint| (endpoint.address, endpoint.prefix)).ok();
        let of = |address: &str, prefix: &str| Some((address.to_owned(), prefix.to_owned()));
        assert_eq!(parts("http://127.0.0.1:40003"), of("127.0.0.1:40003", ""));
        assert_eq!(parts("http://gateway/"), of("gateway:80", ""));
        assert_eq!(parts("http://[::1]:8080/pay/"), of("[::1]:8080", "/pay"));
        assert_eq!(parts("http://[::1]"), of("[::1]:80", ""));
        for url in ["https://gateway", "gateway:80", "http://", "http://user@gateway"] {
            assert_eq!(parts(url), None, "{url}");
        }
    }
}
