use crate::env::{Ended, Env};
use crate::stub::{Reply, Stub};

const PY: &str = "PY20260102030405ABCDEFGHJK";

fn payment(status: &str) -> Reply {
    let body = format!(
        r#"{{"code":0,"message":"success","trace_id":"t","data":{{"payment_no":"{PY}","status":"{status}","amount":10000,"currency":"USD",
        "order_no":"ORD-1","channel":"stripe","customer_email":"test@example.com","payment_url":"http://127.0.0.1:40005/checkout/{PY}"}}}}"#
    );
    Reply::Answer(200, body)
}

fn refusal(status: u16, error: &str, message: &str) -> Reply {
    Reply::Answer(status, format!(r#"{{"code":1,"error":"{error}","message":"{message}","details":{{}},"trace_id":"t"}}"#))
}

/// Runs `payctl` with gateway, order and channel at the stub.
fn run(stub: &Stub, words: &[&str]) -> Ended {
    let env = Env::new();
    let mut command = env.command(words);
    for name in ["GATEWAY", "ORDER", "CHANNEL"] {
        command.env(format!("{name}_SERVICE_URL"), &stub.url);
    }
    Ended::of(command.output().unwrap())
}

#[test]
fn a_created_payment_shows_its_number_and_its_page_and_how_to_pay_it() {
    let stub = Stub::new(|_| payment("pending"));
    let ended = run(&stub, &["payments", "create", "--amount", "10000", "--order-no", "ORD-1"]);
    assert_eq!((ended.code, ended.stderr), (0, format!("pay it: payctl payments pay {PY}\n")));
    assert_eq!(
        ended.stdout,
        format!(
            "PAYMENT\npayment_no   {PY}\nstatus       pending\namount       100.00 USD\norder_no     ORD-1\nchannel      stripe\n\
             payment_url  http://127.0.0.1:40005/checkout/{PY}\n"
        )
    );
    let seen = &stub.seen()[0];
    assert_eq!(seen.line, "POST /api/v1/payments");
    assert!(seen.headers.contains("x-api-key: test-api-key-123") && seen.headers.contains("idempotency-key: console-"), "{}", seen.headers);
    let body: serde_json::Value = serde_json::from_str(&seen.body).unwrap();
    assert_eq!((&body["amount"], &body["merchant_id"]), (&10_000.into(), &"2e42829e-b6aa-4e63-964d-a45a49af106c".into()));
    assert_eq!(body.get("description"), None);
}

#[test]
fn json_has_the_payment_with_the_address_masked() {
    let ended = run(&Stub::new(|_| payment("pending")), &["payments", "create", "--amount", "10000", "-o", "json", "-q"]);
    let document: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(document["payment"]["payment_no"], PY);
    assert_eq!(document["payment"]["amount"], 10_000);
    assert_eq!(document["payment"]["customer_email"], "t***@example.com");
    assert_eq!(ended.stderr, "");
}

#[test]
fn an_amount_with_a_point_is_answered_with_the_number_that_was_meant_and_nothing_is_sent() {
    let stub = Stub::new(|_| payment("pending"));
    let ended = run(&stub, &["payments", "create", "--amount", "100.00"]);
    assert_eq!(ended.code, 2);
    assert_eq!(
        ended.stderr,
        "error: --amount 100.00: an amount is in minor units: 100.00 USD is --amount 10000; try: payctl payments create --help\n"
    );
    assert!(stub.seen().is_empty());
}

#[test]
fn refusals_of_the_platform_have_their_exit_code_and_their_way_out() {
    for (status, error, code, next) in [
        (400, "INVALID_AMOUNT", 2, "payctl payments create --help"),
        (401, "INVALID_API_KEY", 4, "payctl config show"),
        (409, "DUPLICATE_ORDER", 1, "payctl payments list"),
        (422, "IDEMPOTENCY_MISMATCH", 1, "payctl payments list"),
        (503, "OVERLOADED", 1, "the same again"),
    ] {
        let stub = Stub::new(move |_| refusal(status, error, "one sentence"));
        let ended = run(&stub, &["payments", "create", "--amount", "1"]);
        assert_eq!((ended.code, ended.stdout.as_str()), (code, ""), "{error}: {}", ended.stderr);
        assert_eq!(ended.stderr, format!("error: one sentence ({error}); try: {next}\n"));
    }
}

#[test]
fn an_unknown_payment_is_named_with_the_list_to_look_in() {
    let stub = Stub::new(|_| refusal(404, "PAYMENT_NOT_FOUND", "no payment has this number"));
    for words in [["payments", "pay", PY], ["payments", "cancel", PY]] {
        let ended = run(&stub, &words);
        assert_eq!(ended.code, 1);
        assert_eq!(ended.stderr, format!("error: {PY}: no payment has this number (PAYMENT_NOT_FOUND); try: payctl payments list\n"));
    }
}

#[test]
fn the_state_that_stands_in_the_way_is_named() {
    let body = r#"{"code":1,"error":"PAYMENT_STATUS_INVALID","message":"it cannot be cancelled","details":{"status":"success"}}"#;
    let ended = run(&Stub::new(move |_| Reply::Answer(409, body.to_owned())), &["payments", "cancel", PY]);
    assert_eq!(
        ended.stderr,
        format!("error: {PY}: it cannot be cancelled; it is success (PAYMENT_STATUS_INVALID); try: payctl payments get {PY}\n")
    );
}

#[test]
fn whoever_answers_something_else_is_not_taken_for_the_platform() {
    for reply in [(200, "<html>hello</html>"), (502, "bad gateway"), (302, "")] {
        let stub = Stub::new(move |_| Reply::Answer(reply.0, reply.1.to_owned()));
        let ended = run(&stub, &["payments", "create", "--amount", "1"]);
        assert_eq!(ended.code, 4, "{}", ended.stderr);
        assert!(ended.stderr.contains(&format!("answered {}, which is no answer of payctl", reply.0)), "{}", ended.stderr);
    }
}

#[test]
fn a_create_without_an_answer_tells_how_to_repeat_it_without_paying_twice() {
    let stub = Stub::new(|_| Reply::Hang);
    let ended = run(&stub, &["payments", "create", "--amount", "1"]);
    assert_eq!(ended.code, 4);
    let key = stub.seen()[0].headers.lines().find_map(|line| line.strip_prefix("idempotency-key: ")).unwrap().to_owned();
    assert!(ended.stderr.contains("whether it did what was asked is unknown"), "{}", ended.stderr);
    assert!(ended.stderr.contains(&format!("--idempotency-key {key}")), "{}", ended.stderr);
}

#[test]
fn paying_opens_the_page_presses_the_button_and_waits_for_the_last_status() {
    for (flag, button, last) in
        [(None, "pay", "success"), (Some("--decline"), "decline", "failed"), (Some("--cancel"), "cancel", "cancelled")]
    {
        let mut asked = 0;
        let stub = Stub::new(move |line| {
            if !line.contains("/api/") {
                return Reply::Answer(if line.starts_with("POST") { 303 } else { 200 }, String::new());
            }
            asked += 1;
            payment(match asked {
                1 => "pending",
                2 | 3 => "processing",
                _ => last,
            })
        });
        let words: Vec<&str> = ["payments", "pay", PY].into_iter().chain(flag).collect();
        let ended = run(&stub, &words);
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        assert!(ended.stdout.contains(&format!("status       {last}\n")), "{}", ended.stdout);
        assert_eq!(ended.stderr, format!("see where it went: payctl trace {PY}\n"));
        let lines: Vec<String> = stub.seen().into_iter().map(|seen| seen.line).collect();
        assert_eq!(lines[1..3], [format!("GET /checkout/{PY}"), format!("POST /checkout/{PY}/{button}")]);
    }
}

#[test]
fn a_finished_payment_is_not_paid_again() {
    let stub = Stub::new(|_| payment("success"));
    let ended = run(&stub, &["payments", "pay", PY]);
    assert_eq!(ended.code, 1);
    assert_eq!(ended.stderr, format!("error: payment {PY} is success, so there is nothing left to pay; try: payctl trace {PY}\n"));
    assert_eq!(stub.seen().len(), 1);
}

#[test]
fn a_payment_that_ends_otherwise_than_asked_fails_and_is_shown() {
    let mut asked = 0;
    let stub = Stub::new(move |_| {
        asked += 1;
        payment(if asked == 1 { "processing" } else { "cancelled" })
    });
    let ended = run(&stub, &["payments", "pay", PY]);
    assert_eq!(ended.code, 1);
    assert!(ended.stdout.contains("cancelled"));
    assert_eq!(ended.stderr, format!("error: payment {PY} became cancelled instead of success; try: payctl trace {PY}\n"));
}

#[test]
fn an_order_is_shipped_and_a_wrong_state_is_explained() {
    let stub = Stub::new(|line| match line {
        "POST /api/v1/orders/ORD-1/ship" => {
            Reply::Answer(200, r#"{"code":0,"data":{"order_no":"ORD-1","status":"shipped","payment_no":null}}"#.to_owned())
        }
        _ => refusal(409, "ORDER_STATUS_INVALID", "order ORD-1 is pending"),
    });
    let ended = run(&stub, &["orders", "ship", "ORD-1"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (0, "ORDER  STATUS   PAYMENT\nORD-1  shipped  -\n"));
    let ended = run(&stub, &["orders", "complete", "ORD-1"]);
    assert_eq!(ended.code, 1);
    assert_eq!(ended.stderr, "error: order ORD-1 is pending (ORDER_STATUS_INVALID); try: payctl orders get ORD-1\n");
}
