-- Stores the outcome in the record KEYS[1], if it is still the caller's, and tells who waits for it.
-- Sent twice, it answers twice the same.
-- ARGV: owner token, outcome, milliseconds that the record stays (-1: for ever), channel, what to publish there.
local record = redis.call('HMGET', KEYS[1], 'owner', 'outcome', 'awaited', 'removed')
if record[1] ~= ARGV[1] or record[4] then
  return 0
end
if record[2] then
  return 1
end
redis.call('HSET', KEYS[1], 'outcome', ARGV[2])
redis.call('HDEL', KEYS[1], 'lease_end', 'awaited')
if ARGV[3] == '-1' then
  redis.call('PERSIST', KEYS[1])
else
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
end
if record[3] then
  redis.call('PUBLISH', ARGV[4], ARGV[5])
end
return 1
