-- Ends the lease without an outcome if the caller still holds it, and notifies waiting requests. A record with steps is
-- kept for a request that continues with them.
-- ARGV: owner token, channel, message to publish.
local record = read()
if not holds(record, ARGV[1]) then
  return 0
end
local awaited = record.state == AWAITED
local left = record.steps_end - milliseconds(redis.call('TIME'))
if record.steps == '' or left <= 0 then
  redis.call('DEL', KEYS[1])
else
  record.owner = ''
  rewrite(open(record, RESUMABLE), record.steps_end == FOR_EVER and -1 or left)
end
if awaited then
  redis.call('PUBLISH', ARGV[2], ARGV[3])
end
return 1
