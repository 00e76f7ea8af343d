//! Mails through a real SMTP server with STARTTLS and AUTH.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::platform::{Env, missing, stripe_event};

struct MailServer(Child);

impl MailServer {
    fn start(home: &Path, port: u16, mode: &str) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/smtp_server.py");
        let (cert, key, inbox) = (home.join("cert.pem"), home.join("key.pem"), home.join("inbox"));
        std::fs::create_dir_all(&inbox).unwrap();
        let mut child = Command::new("/usr/bin/python3")
            .arg(script)
            .arg(port.to_string())
            .args([&cert, &key, &inbox])
            .arg(mode)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        Self(child)
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn certificate(home: &Path) {
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=DNS:localhost",
        ])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .arg("-keyout")
        .arg(home.join("key.pem"))
        .arg("-out")
        .arg(home.join("cert.pem"))
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(made.success());
}

fn inbox(env: &Env) -> Vec<PathBuf> {
    std::fs::read_dir(env.home().join("inbox")).map(|files| files.map(|file| file.unwrap().path()).collect()).unwrap_or_default()
}

fn absent() -> bool {
    let found = Command::new("/usr/bin/python3").args(["-c", "import aiosmtpd"]).stderr(Stdio::null()).status();
    if !found.is_ok_and(|status| status.success()) {
        eprintln!("SKIPPED: python3-aiosmtpd is not installed");
        return true;
    }
    missing("openssl")
}

#[tokio::test]
async fn mails_arrive_once_in_both_languages_even_after_the_server_was_down_and_refused() {
    if absent() {
        return;
    }
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let env = Env::new()
        .with("SMTP_HOST", "localhost")
        .with("SMTP_PORT", &port.to_string())
        .with("SMTP_USERNAME", "payctl")
        .with("SMTP_PASSWORD", "secret-of-tests")
        .with("SMTP_FROM", "Shop <shop@example.com>");
    certificate(env.home());
    let ca = env.home().join("cert.pem").display().to_string();
    let env = env.with("PAYCTL_SMTP_CA_FILE", &ca);
    let _platform = env.up().await;
    let payment = env.create("MAIL-1", 12_345).await.unwrap();
    let payment_no = payment["payment_no"].as_str().unwrap();
    assert_eq!(env.webhook(&stripe_event("evt_mail", "payment_intent.succeeded", payment_no, 12_345)).await, Some(200));
    // The server is down: nothing else waits for it.
    let booked = async || !env.json(&["ledger", "entries", "--payment", payment_no])["entries"].as_array().unwrap().is_empty();
    env.eventually("booked while no mail can be sent", booked).await;
    {
        let _refusing = MailServer::start(env.home(), port, "451");
        tokio::time::sleep(std::time::Duration::from_secs(2)).await;
        assert!(inbox(&env).is_empty());
    }
    let _server = MailServer::start(env.home(), port, "ok");
    env.eventually("four mails have arrived", async || inbox(&env).len() >= 4).await;
    env.verify().await;
    let mails: Vec<String> = inbox(&env).iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
    assert_eq!(mails.len(), 4, "each mail once");
    for mail in &mails {
        for part in ["Message-ID: <", "multipart/alternative", "text/plain", "text/html", "shop@example.com"] {
            assert!(mail.to_lowercase().contains(&part.to_lowercase()), "{part} is missing in\n{mail}");
        }
    }
    let decoded = decode(&env);
    assert!(decoded.contains("支付成功 - Payment Successful") && decoded.contains("123.45"), "{decoded}");
}

/// Subjects and bodies as a mail reader shows them.
fn decode(env: &Env) -> String {
    let script = "import email,email.policy,glob,sys\n\
                  for f in glob.glob(sys.argv[1]+'/*.eml'):\n\
                  \x20m=email.message_from_binary_file(open(f,'rb'),policy=email.policy.default)\n\
                  \x20print(m['Subject'])\n\
                  \x20for p in m.walk():\n\
                  \x20\x20if p.get_content_maintype()=='text': print(p.get_content())";
    let done = Command::new("/usr/bin/python3")
        .env("PYTHONIOENCODING", "utf-8")
        .args(["-c", script])
        .arg(env.home().join("inbox"))
        .output()
        .unwrap();
    String::from_utf8(done.stdout).unwrap()
}
