-- Stores the outcome in the record KEYS[1], if it is still the caller's, and tells who waits for it.
-- Sent twice, it answers twice the same.
-- ARGV: owner token, outcome, milliseconds that the record stays (-1: for ever), channel, what to publish there.
local record = redis.call('HMGET', KEYS[1], 'o', 'r', 'w', 'x')
if record[1] ~= ARGV[1] or record[4] then
  return 0
end
if record[2] then
  return 1
end
-- First, since a full Redis refuses a script's first write if that may need memory: the handler has run, so that its
-- outcome must get in.
redis.call('HDEL', KEYS[1], 'l', 't', 'w')
redis.call('HSET', KEYS[1], 'r', ARGV[2])
if ARGV[3] == '-1' then
  redis.call('PERSIST', KEYS[1])
else
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
end
if record[3] then
  redis.call('PUBLISH', ARGV[4], ARGV[5])
end
return 1
