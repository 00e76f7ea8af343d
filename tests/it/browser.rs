//! The checkout page in a real browser, driven through the W3C's browser protocol.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::platform::{Env, missing};

struct Browser<'a> {
    env: &'a Env,
    session: String,
    driver: Child,
}

impl Drop for Browser<'_> {
    fn drop(&mut self) {
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

impl<'a> Browser<'a> {
    async fn start(env: &'a Env) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let driver =
            Command::new("chromedriver").arg(format!("--port={port}")).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let root = format!("http://127.0.0.1:{port}");
        let up = async || env.http().get(format!("{root}/status")).send().await.is_ok_and(|answer| answer.status().is_success());
        env.eventually("chromedriver answers", up).await;
        let profile = env.home().join("browser");
        let args = json!([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            format!("--user-data-dir={}", profile.display()),
        ]);
        let wanted = json!({"capabilities": {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": {"args": args}}}});
        let answer: Value = env.http().post(format!("{root}/session")).json(&wanted).send().await.unwrap().json().await.unwrap();
        let id = answer["value"]["sessionId"].as_str().unwrap_or_else(|| panic!("no session: {answer}")).to_owned();
        Self { env, session: format!("{root}/session/{id}"), driver }
    }

    async fn call(&self, path: &str, body: &Value) -> Value {
        let sent = self.env.http().post(format!("{}/{path}", self.session)).json(body).send().await.unwrap();
        sent.json::<Value>().await.unwrap()["value"].clone()
    }

    async fn open(&self, url: &str) {
        self.call("url", &json!({"url": url})).await;
    }

    async fn text(&self) -> String {
        let text = self.call("execute/sync", &json!({"script": "return document.body.innerText", "args": []})).await;
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Clicks the button whose form posts to an address ending so.
    async fn press(&self, action: &str) -> bool {
        let xpath = format!("//button[@formaction[contains(., '{action}')] or ancestor::form[contains(@action, '{action}')]]");
        let found = self.call("element", &json!({"using": "xpath", "value": xpath})).await;
        let Some(id) = found.as_object().and_then(|element| element.values().next()).and_then(Value::as_str) else { return false };
        if found.get("error").is_some() {
            return false;
        }
        self.call(&format!("element/{id}/click"), &json!({})).await;
        true
    }
}

#[tokio::test]
async fn a_customer_pays_on_the_page_and_the_back_button_does_no_harm() {
    if missing("chromedriver") || missing("chromium") {
        return;
    }
    let env = Env::new();
    let _platform = env.up().await;
    let payment = env.create("BROWSER-1", 10_000).await.unwrap();
    let (payment_no, url) = (payment["payment_no"].as_str().unwrap(), payment["payment_url"].as_str().unwrap());
    let browser = Browser::start(&env).await;
    browser.open(url).await;
    let text = browser.text().await;
    assert!(text.contains("100.00") && text.contains("BROWSER-1"), "{text}");
    assert!(browser.press("/pay").await, "the page has no button to pay:\n{text}");
    let settled = async || env.json(&["trace", payment_no])["verdict"]["state"] == "settled";
    env.eventually("paid in the browser, settled in the books", settled).await;
    browser.call("back", &json!({})).await;
    browser.press("/pay").await;
    browser.open(url).await;
    assert!(!browser.press("/pay").await, "a paid payment offers no button:\n{}", browser.text().await);
    env.verify().await;
    assert_eq!(env.json(&["ledger", "entries", "--payment", payment_no])["entries"].as_array().unwrap().len(), 2);
}
