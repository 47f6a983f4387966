-- Ends the record without an outcome, if it is still the caller's and in progress, and tells who waits for it. With
-- steps it stays, for whoever goes on with them.
-- ARGV: owner token, channel, what to publish there.
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
