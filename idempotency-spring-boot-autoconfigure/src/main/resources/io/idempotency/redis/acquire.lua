-- Acquires the record KEYS[1] if it is free, and returns what is there if not.
-- A record is a hash: o owner token, f fingerprint, r outcome, l end of the lease in milliseconds, t fencing token, w set
-- if somebody waits for its end, x set if it was removed in progress. The names are short because each record has them.
-- ARGV: owner token, fingerprint, milliseconds that the lease lasts, milliseconds that an abandoned record then stays
-- (empty: another request may take it over; -1: for ever).
local record = redis.pcall('HMGET', KEYS[1], 'o', 'f', 'r', 'l', 't', 'x')
if record.err or (not record[1] and redis.call('EXISTS', KEYS[1]) == 1) then
  return { 'foreign' }
end
local owner, fingerprint, outcome, lease_end, token, removed =
  record[1], record[2], record[3], tonumber(record[4]), tonumber(record[5]), record[6]
if owner and not (fingerprint and (outcome or (lease_end and token))) then
  return { 'foreign' }
end
if outcome then
  return { 'completed', fingerprint, outcome }
end
local own = owner == ARGV[1]
if removed and own then
  return { 'removed' }
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if owner and not own and not removed then
  if now < lease_end then
    return { 'in-progress', fingerprint }
  end
  if ARGV[4] ~= '' then
    return { 'abandoned', fingerprint }
  end
end
if not own then
  -- A failover may have brought a clock that is behind.
  token = math.max(time[1] * 1000000 + time[2], (token or 0) + 1)
end
local text = string.format('%.0f', token)
if owner then
  -- A full Redis refuses a script's first write if that may need memory. A record that is there has its room.
  redis.call('HDEL', KEYS[1], 'x')
end
redis.call('HSET', KEYS[1], 'o', ARGV[1], 'f', ARGV[2], 'l', now + ARGV[3], 't', text)
if ARGV[4] == '-1' then
  redis.call('PERSIST', KEYS[1])
else
  redis.call('PEXPIRE', KEYS[1], ARGV[3] + (tonumber(ARGV[4]) or 0))
end
return { 'acquired', text }
