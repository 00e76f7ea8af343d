//! Requests that meet others half-way, on the server: another process of the service, or a webhook that is just being applied.

use std::sync::Arc;

use super::{TestGateway, payment};
use crate::services::gateway::risk::AllowAll;
use crate::testing::TestPlatform;

const WAITING: &str = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
const CHANGE: &str = "BEGIN; UPDATE payments SET updated_at = updated_at WHERE order_no = 'ORD-1'";

async fn on_server() -> Option<TestGateway> {
    Some(TestGateway::start_on(TestPlatform::with_outbox()?, Arc::new(AllowAll), true).await)
}

#[tokio::test]
async fn an_order_that_is_taken_is_refused_though_its_payment_is_being_changed() {
    let Some(gateway) = on_server().await else { return };
    gateway.pay("ORD-1").await;
    let mut other = gateway.platform.other_session();
    other.run(CHANGE);
    let (again, new) = (payment("ORD-1"), payment("ORD-2"));
    let (again, new) = tokio::join!(gateway.create_keyed(&again, "key-1"), gateway.create_keyed(&new, "key-2"));
    assert_eq!((again.status, again.error()), (409, "DUPLICATE_ORDER"), "{}", again.json);
    assert_eq!(new.status, 201, "{}", new.json);
    other.run("ROLLBACK");
}

#[tokio::test]
async fn a_request_that_another_process_answers_at_the_same_time_gets_that_answer() {
    let Some(gateway) = on_server().await else { return };
    gateway.pay("ORD-1").await;
    let first = gateway.create_keyed(&payment("ORD-1"), "key-1").await;
    assert_eq!(first.error(), "DUPLICATE_ORDER");
    let mut process = gateway.platform.other_session();
    process.run("CREATE TABLE kept AS SELECT * FROM idempotency WHERE key = 'key-1'; DELETE FROM idempotency WHERE key = 'key-1'");
    let mut webhook = gateway.platform.other_session();
    webhook.run(CHANGE);
    let body = payment("ORD-1");
    let race = async {
        gateway.until(WAITING).await;
        process.begin("BEGIN; INSERT INTO idempotency SELECT * FROM kept");
        gateway
            .until("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'INSERT INTO idempotency SELECT%kept%'")
            .await;
        webhook.run("ROLLBACK");
        process.end();
        gateway.until(WAITING).await;
        process.run("COMMIT");
    };
    let (again, ()) = tokio::join!(gateway.create_keyed(&body, "key-1"), race);
    assert_eq!((again.status, &again.bytes), (409, &first.bytes), "{}", again.json);
    assert_eq!(again.headers["idempotent-replayed"], "true");
}
