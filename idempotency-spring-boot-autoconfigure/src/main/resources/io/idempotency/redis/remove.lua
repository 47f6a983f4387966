-- Removes the record, whoever holds it, and tells who waits for it. Of a record in progress a mark stays, which tells its
-- owner, and nobody else.
-- ARGV: channel, what to publish there, milliseconds that the mark stays.
local record = read()
if not record or record.state == REMOVED then
  return 0
end
if record.state == RUNNING or record.state == AWAITED then
  record.steps, record.steps_end = '', 0
  rewrite(open(record, REMOVED), ARGV[3])
else
  redis.call('DEL', KEYS[1])
end
redis.call('PUBLISH', ARGV[1], ARGV[2])
return 1
