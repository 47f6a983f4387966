-- Removes the record even if a request holds it, and notifies waiting requests. If the record is in progress, it is
-- replaced with a mark, which tells its owner that it was removed. All others treat the mark as a free record.
-- ARGV: channel, message to publish, how many milliseconds the mark is kept.
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
