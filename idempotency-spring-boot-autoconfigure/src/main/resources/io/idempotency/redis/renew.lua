-- Makes the lease of the record KEYS[1] last from now, if it is still the caller's and in progress.
-- ARGV: owner token, milliseconds that the lease lasts, milliseconds that an abandoned record then stays
-- (empty: another request may take it over; -1: for ever).
local record = redis.call('HMGET', KEYS[1], 'o', 'r', 'x')
if record[1] ~= ARGV[1] or record[2] or record[3] then
  return 0
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
-- The expiry comes first, since a full Redis refuses a script's first write if that may need memory.
if ARGV[3] == '-1' then
  redis.call('PERSIST', KEYS[1])
else
  redis.call('PEXPIRE', KEYS[1], ARGV[2] + (tonumber(ARGV[3]) or 0))
end
redis.call('HSET', KEYS[1], 'l', now + ARGV[2])
return 1
