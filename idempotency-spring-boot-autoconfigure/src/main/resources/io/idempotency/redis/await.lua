-- Notes in the record KEYS[1] that somebody waits for its end, if it is in progress.
local record = redis.call('HMGET', KEYS[1], 'o', 'r', 'x')
if not record[1] or record[2] or record[3] then
  return 0
end
-- A full Redis refuses a script's first write if that may need memory.
redis.call('HDEL', KEYS[1], 'w')
return redis.call('HSET', KEYS[1], 'w', 1)
