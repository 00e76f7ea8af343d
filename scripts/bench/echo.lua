-- Posts a payment's body to the bare echo. Prints `name value` lines at the end.

wrk.method = "POST"
wrk.path = "/"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Idempotency-Key"] = "echo-0-1"
wrk.headers["X-API-Key"] = "test-api-key-123"
wrk.body = '{"merchant_id":"2e42829e-b6aa-4e63-964d-a45a49af106c","amount":10000,"currency":"USD","channel":"stripe",'
  .. '"customer_email":"bench@example.com","order_no":"echo-0-1"}'

function done(summary, latency, _)
  local errors = summary.errors
  io.write(string.format("requests %d\n", summary.requests))
  io.write(string.format("rate %d\n", summary.requests / (summary.duration / 1000000)))
  io.write(string.format("failed %d\n", errors.status + errors.connect + errors.read + errors.write + errors.timeout))
  for _, percent in ipairs({ 50, 95, 99 }) do
    io.write(string.format("p%d_ms %.1f\n", percent, latency:percentile(percent) / 1000))
  end
end
