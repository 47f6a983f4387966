-- Stores the outcome in the record, if it is still the caller's, and tells who waits for it. Sent twice, it answers twice
-- the same.
-- ARGV: owner token, outcome, milliseconds that the record stays (-1: for ever), channel, what to publish there.
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
