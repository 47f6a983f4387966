-- Says what the record holds, without a change.
local record = read()
if not record or record.state == REMOVED then
  return { 'free' }
end
if not record.state then
  return { 'foreign' }
end
if record.state == COMPLETED then
  return { 'completed', record.fingerprint, record.outcome }
end
if record.state == RESUMABLE then
  return { 'resumable', record.fingerprint, record.steps }
end
local held = milliseconds(redis.call('TIME')) < record.lease_end
return { held and 'in-progress' or 'abandoned', record.fingerprint, record.steps }
