-- Appends a step to the record if the caller still holds it. Only the new step is written, because a record may have
-- many steps.
-- ARGV: owner token, step, how many milliseconds the record is kept if the lease ends without an outcome (-1: for
-- ever).
local record = read()
if not holds(record, ARGV[1]) then
  return 0
end
local now = milliseconds(redis.call('TIME'))
local steps_end = ARGV[3] == '-1' and FOR_EVER or now + ARGV[3]
local left = redis.call('PTTL', KEYS[1])
-- When Redis has reached maxmemory, it still accepts writes after a command that never needs memory.
redis.call('PERSIST', KEYS[1])
redis.call('SETRANGE', KEYS[1], record.length_without_steps - 12,
  struct.pack('>I8I4', steps_end, #record.steps + #ARGV[2]))
redis.call('APPEND', KEYS[1], ARGV[2])
if left >= 0 and steps_end ~= FOR_EVER then
  redis.call('PEXPIRE', KEYS[1], math.max(left, steps_end - now))
end
return 1
