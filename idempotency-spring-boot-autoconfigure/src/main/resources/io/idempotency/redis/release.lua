-- Removes the record KEYS[1], if it is still the caller's and in progress, and tells who waits for it.
-- ARGV: owner token, channel, what to publish there.
local record = redis.call('HMGET', KEYS[1], 'o', 'r', 'w', 'x')
if record[1] ~= ARGV[1] or record[2] or record[4] then
  return 0
end
redis.call('DEL', KEYS[1])
if record[3] then
  redis.call('PUBLISH', ARGV[2], ARGV[3])
end
return 1
