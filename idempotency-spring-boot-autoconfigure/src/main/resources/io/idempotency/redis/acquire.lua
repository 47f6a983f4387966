-- Acquires the record if it is free, and otherwise returns its state.
-- ARGV: owner token, fingerprint, duration of the lease in milliseconds, how many milliseconds an abandoned record is
-- kept after that (empty: another request may take it over, -1: for ever).
local present = read()
if present and not present.state then
  return { 'foreign' }
end
if present and present.state == COMPLETED then
  return { 'completed', present.fingerprint, present.outcome }
end
local own = present and present.owner == ARGV[1]
if own and present.state == REMOVED then
  return { 'removed' }
end
local time = redis.call('TIME')
local now = milliseconds(time)
if present and not own and present.state ~= REMOVED then
  if present.state ~= RESUMABLE and now < present.lease_end then
    return { 'in-progress', present.fingerprint }
  end
  if present.state ~= RESUMABLE and ARGV[4] ~= '' then
    return { 'abandoned', present.fingerprint }
  end
  local matches = present.fingerprint == ARGV[2] or present.fingerprint == '' or ARGV[2] == ''
  if present.steps ~= '' and not matches then
    return { 'resumable', present.fingerprint }
  end
end
-- After a failover, the clock of the new master may be behind.
local token = own and present.token or math.max(time[1] * 1000000 + time[2], (present and present.token or 0) + 1)
local record = { owner = ARGV[1], fingerprint = ARGV[2], lease_end = now + ARGV[3], token = token,
  steps = present and present.steps or '', steps_end = present and present.steps_end or 0 }
local awaited = present and present.state == AWAITED
local value = open(record, awaited and AWAITED or RUNNING)
if present then
  rewrite(value, lifetime(record, now, ARGV[3], ARGV[4]))
else
  write(value, lifetime(record, now, ARGV[3], ARGV[4]))
end
return { 'acquired', string.format('%.0f', token), record.steps }
