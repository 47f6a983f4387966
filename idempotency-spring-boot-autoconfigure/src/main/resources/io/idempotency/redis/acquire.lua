-- Acquires the record KEYS[1] if it is free, and returns what is there if not.
-- ARGV: owner token, fingerprint, milliseconds that the lease lasts, milliseconds that an abandoned record then stays
-- (empty: another request may take it over; -1: for ever).
local record = redis.pcall('HMGET', KEYS[1], 'owner', 'fingerprint', 'outcome', 'lease_end', 'removed')
if record.err or (not record[1] and redis.call('EXISTS', KEYS[1]) == 1) then
  return { 'foreign' }
end
local owner, fingerprint, outcome, lease_end, removed =
  record[1], record[2], record[3], tonumber(record[4]), record[5]
if owner and not (fingerprint and (outcome or lease_end)) then
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
redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'fingerprint', ARGV[2], 'lease_end', now + ARGV[3])
if removed then
  redis.call('HDEL', KEYS[1], 'removed')
end
if ARGV[4] == '-1' then
  redis.call('PERSIST', KEYS[1])
else
  redis.call('PEXPIRE', KEYS[1], ARGV[3] + (tonumber(ARGV[4]) or 0))
end
return { 'acquired', string.format('%.0f', time[1] * 1000000 + time[2]) }
