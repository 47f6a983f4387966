-- Removes the record KEYS[1], if it is still the caller's and in progress.
-- ARGV: owner token.
local record = redis.call('HMGET', KEYS[1], 'owner', 'outcome')
if record[1] ~= ARGV[1] or record[2] then
  return 0
end
return redis.call('DEL', KEYS[1])
