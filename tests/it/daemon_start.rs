//! What keeps a platform from starting is said in one line that names the way out.

use std::net::TcpListener;

use crate::platform::{Env, Finished};

fn refused(done: &Finished, code: i32, words: &[&str]) {
    assert_eq!(done.code, code, "{done:?}");
    assert!(done.stdout.is_empty(), "{done:?}");
    let error = done.stderr.lines().filter(|line| line.starts_with("error")).count();
    assert_eq!(error, 1, "{done:?}");
    for word in words {
        assert!(done.stderr.contains(word), "{word:?} is missing in\n{}", done.stderr);
    }
    assert!(!done.stderr.contains("panicked"));
}

#[test]
fn a_busy_port_is_named_with_a_way_out() {
    let env = Env::new();
    let port = env.port(40007);
    let _taken = TcpListener::bind(("127.0.0.1", port)).unwrap();
    refused(&env.payctl(&["up"]), 4, &[&port.to_string(), "accounting", "--port-offset"]);
}

#[tokio::test]
async fn a_second_platform_on_the_same_directory_is_refused() {
    let env = Env::new();
    let _platform = env.up().await;
    let mut second = Env::new();
    second.vars.push(("PAYCTL_DATA_DIR".to_owned(), env.data_dir().display().to_string()));
    refused(&second.payctl(&["up"]), 4, &["in use", "--data-dir"]);
    second.vars.push(("PAYCTL_PROFILE".to_owned(), "development".to_owned()));
    refused(&second.payctl(&["serve", "order"]), 4, &["in use", "--data-dir"]);
}

#[test]
fn a_corrupt_a_newer_and_an_unwritable_database_are_told_apart() {
    let env = Env::new();
    std::fs::create_dir_all(env.data_dir()).unwrap();
    std::fs::write(env.data_dir().join("payctl.db"), vec![b'x'; 8192]).unwrap();
    refused(&env.payctl(&["up"]), 4, &["payctl.db", "not a usable database"]);

    let env = Env::new();
    let ambient = payctl::config::Ambient::system();
    let store = payctl::store::Store::open(&env.data_dir(), &payctl::services::Service::migrations(), &ambient).unwrap();
    let age = async |tx: &mut payctl::store::Tx| {
        tx.execute("INSERT INTO schema_migrations (owner, number, applied_at) VALUES ('gateway', 999, '')", &[]).await
    };
    tokio::runtime::Runtime::new()
        .unwrap()
        .block_on(store.write::<_, payctl::store::StoreError, _>(payctl::store::Class::Background, age))
        .unwrap();
    store.close();
    drop(store);
    refused(&env.payctl(&["up"]), 4, &["newer payctl", "gateway 999"]);

    let mut env = Env::new();
    std::fs::write(env.home().join("file"), "").unwrap();
    env.vars.push(("PAYCTL_DATA_DIR".to_owned(), env.home().join("file/data").display().to_string()));
    refused(&env.payctl(&["up"]), 4, &["cannot be written", "--data-dir"]);
}

#[test]
fn production_refuses_to_start_on_defaults() {
    let env = Env::new();
    let done = env.payctl(&["serve", "gateway"]);
    assert_eq!(done.code, 2, "{done:?}");
    assert!(done.stderr.contains("PAYCTL_INTERNAL_TOKEN"), "{}", done.stderr);
}

#[tokio::test]
async fn a_subset_of_services_runs_and_the_rest_comes_later() {
    let env = Env::new().with("PAYCTL_PROFILE", "development");
    let some = env.spawn(&["serve", "gateway", "channel"]);
    env.ready(&[40003, 40005]).await;
    let payment = env.create("LATER-1", 900).await.unwrap();
    let payment_no = payment["payment_no"].as_str().unwrap();
    let body = crate::platform::stripe_event("evt_later", "payment_intent.succeeded", payment_no, 900);
    assert_eq!(env.webhook(&body).await, Some(200));
    let trace = async || env.json(&["trace", payment_no])["verdict"]["state"] == "stuck";
    env.eventually("trace names what is missing", trace).await;
    assert_eq!(some.terminate(), Some(0));
    let _all = env.up().await;
    let settled = async || env.json(&["trace", payment_no])["verdict"]["state"] == "settled";
    env.eventually("the rest catches up", settled).await;
    env.verify().await;
}
