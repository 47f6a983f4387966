-- Removes the record KEYS[1], whoever holds it, and tells who waits for it. Of a record in progress a mark stays, which
-- tells its owner, and nobody else.
-- ARGV: channel, what to publish there, milliseconds that the mark stays.
local record = redis.pcall('HMGET', KEYS[1], 'owner', 'outcome', 'removed')
if not record.err and record[3] then
  return 0
end
if not record.err and record[1] and not record[2] then
  redis.call('HSET', KEYS[1], 'removed', 1)
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
elseif redis.call('DEL', KEYS[1]) == 0 then
  return 0
end
redis.call('PUBLISH', ARGV[1], ARGV[2])
return 1
