-- Removes the record, if it is still the caller's and in progress, and tells who waits for it.
-- ARGV: owner token, channel, what to publish there.
local record = read()
if not holds(record, ARGV[1]) then
  return 0
end
redis.call('DEL', KEYS[1])
if record.state == AWAITED then
  redis.call('PUBLISH', ARGV[2], ARGV[3])
end
return 1
