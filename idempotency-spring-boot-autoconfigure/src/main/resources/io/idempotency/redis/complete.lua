-- Stores the outcome in the record if the caller still holds it, and notifies waiting requests. If the call is
-- repeated, it returns the same result.
-- ARGV: owner token, outcome, how many milliseconds the record is kept (-1: for ever), channel, message to publish.
local record = read()
if record and record.state == COMPLETED and record.owner == ARGV[1] then
  return 1
end
if not holds(record, ARGV[1]) then
  return 0
end
rewrite(start(record, COMPLETED) .. struct.pack(TOKEN, record.token) .. ARGV[2], ARGV[3])
if record.state == AWAITED then
  redis.call('PUBLISH', ARGV[4], ARGV[5])
end
return 1
