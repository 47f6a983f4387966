-- Notes in the record KEYS[1] that somebody waits for its end, if it is in progress.
local record = redis.call('HMGET', KEYS[1], 'owner', 'outcome', 'removed')
if not record[1] or record[2] or record[3] then
  return 0
end
return redis.call('HSET', KEYS[1], 'awaited', 1)
