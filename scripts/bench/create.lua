-- Posts unique payments of the seeded merchant, each with its own Idempotency-Key; told apart by BENCH_RUN.
-- Prints `name value` lines at the end.

local threads = 0

function setup(thread)
  thread:set("id", threads)
  threads = threads + 1
end

function init(_)
  run = os.getenv("BENCH_RUN") or tostring(os.time())
  sent = 0
  headers = { ["Content-Type"] = "application/json", ["X-API-Key"] = os.getenv("BENCH_API_KEY") or "test-api-key-123" }
  merchant = os.getenv("BENCH_MERCHANT") or "2e42829e-b6aa-4e63-964d-a45a49af106c"
end

function request()
  sent = sent + 1
  local number = run .. "-" .. id .. "-" .. sent
  headers["Idempotency-Key"] = number
  local body = '{"merchant_id":"' .. merchant .. '","amount":10000,"currency":"USD","channel":"stripe",'
    .. '"customer_email":"bench@example.com","order_no":"' .. number .. '"}'
  return wrk.format("POST", "/api/v1/payments", headers, body)
end

function done(summary, latency, _)
  local errors = summary.errors
  io.write(string.format("requests %d\n", summary.requests))
  io.write(string.format("rate %d\n", summary.requests / (summary.duration / 1000000)))
  io.write(string.format("failed %d\n", errors.status + errors.connect + errors.read + errors.write + errors.timeout))
  for _, percent in ipairs({ 50, 95, 99 }) do
    io.write(string.format("p%d_ms %.1f\n", percent, latency:percentile(percent) / 1000))
  end
end
