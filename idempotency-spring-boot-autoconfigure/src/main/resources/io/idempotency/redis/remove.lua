-- Removes the record KEYS[1], whoever holds it, and tells who waits for it. Of a record in progress a mark stays, which
-- tells its owner, and nobody else.
-- ARGV: channel, what to publish there, milliseconds that the mark stays.
local record = redis.pcall('HMGET', KEYS[1], 'o', 'r', 'x')
if not record.err and record[3] then
  return 0
end
if not record.err and record[1] and not record[2] then
  -- In this order, since a full Redis refuses a script's first write if that may need memory.
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
  redis.call('HSET', KEYS[1], 'x', 1)
elseif redis.call('DEL', KEYS[1]) == 0 then
  return 0
end
redis.call('PUBLISH', ARGV[1], ARGV[2])
return 1
