-- Says what the record KEYS[1] holds, without a change.
local record = redis.pcall('HMGET', KEYS[1], 'o', 'f', 'r', 'l', 'x')
if record.err or (not record[1] and redis.call('EXISTS', KEYS[1]) == 1) then
  return { 'foreign' }
end
local owner, fingerprint, outcome, lease_end = record[1], record[2], record[3], tonumber(record[4])
if not owner or record[5] then
  return { 'free' }
end
if not (fingerprint and (outcome or lease_end)) then
  return { 'foreign' }
end
if outcome then
  return { 'completed', fingerprint, outcome }
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
return { now < lease_end and 'in-progress' or 'abandoned', fingerprint }
