use hyper::Uri;

/// Whether `text` is an absolute http or https address with a host and without a user name in it.
pub(super) fn is_web_address(text: &str) -> bool {
    let Ok(uri) = text.parse::<Uri>() else { return false };
    let scheme = uri.scheme_str().is_some_and(|scheme| scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https"));
    let host = uri.authority().is_some_and(|authority| {
        let port_fits = authority.as_str().len() == authority.host().len() || authority.port_u16().is_some();
        !authority.host().is_empty() && !authority.as_str().contains('@') && port_fits
    });
    scheme && host
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_http_addresses_with_a_host_pass() {
        for good in ["https://shop.example/return?order=1&x=%20", "http://localhost:8080/", "https://shop.example", "http://[::1]:3000/a"] {
            assert!(is_web_address(good), "{good}");
        }
        for bad in [
            "",
            "shop.example",
            "/return",
            "javascript:alert(1)",
            "ftp://shop.example/",
            "https://",
            "https:///x",
            "https://user:secret@shop.example/",
            "https://shop.example/a b",
            "https://shop.example/\u{0}",
            "data:text/html,x",
            "https://shop.example:port/",
        ] {
            assert!(!is_web_address(bad), "{bad}");
        }
    }
}
