-- Returns the record without changing it: its state, fingerprint, outcome or steps, when it was acquired in microseconds,
-- the end of its lease in milliseconds (0 if it has none), in how many milliseconds it expires (-1: never), and the time
-- in milliseconds.
local record = read()
if not record or record.state == REMOVED then
  return { 'free' }
end
if not record.state then
  return { 'foreign' }
end
local now = milliseconds(redis.call('TIME'))
local state, lease_end = 'completed', 0
if record.state == RESUMABLE then
  state = 'resumable'
elseif record.state ~= COMPLETED then
  state, lease_end = now < record.lease_end and 'in-progress' or 'abandoned', record.lease_end
end
return { state, record.fingerprint, record.outcome or record.steps, record.token, lease_end,
  redis.call('PTTL', KEYS[1]), now }
