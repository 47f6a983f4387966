-- What every script begins with. The record KEYS[1] is one string, which takes less memory than any other type: the
-- letters 'ik', the state, then owner token and fingerprint, each behind its length; in a completed record then the
-- fencing token and the outcome, in others the end of the lease in milliseconds, the fencing token, until when the steps keep the record, and
-- the steps behind their length.
local RUNNING, AWAITED, RESUMABLE, REMOVED, COMPLETED = 'r', 'w', 'p', 'x', 'c'
local START, TOKEN, NUMBERS = '>c2c1Hc0Bc0', '>I8', '>I8I8I8I4'
local FOR_EVER = 9007199254740991

-- Returns nil if nothing is there, and a record without a state if that is no record.
local function read()
  local value = redis.pcall('GET', KEYS[1])
  if not value then
    return nil
  end
  local starts, letters, state, owner, fingerprint, rest = pcall(struct.unpack, START, value)
  if not starts or letters ~= 'ik' then
    return {}
  end
  local record = { state = state, owner = owner, fingerprint = fingerprint }
  if state == COMPLETED then
    if #value < rest + 7 then
      return {}
    end
    record.token, rest = struct.unpack(TOKEN, value, rest)
    record.outcome = string.sub(value, rest)
    return record
  end
  local open = state == RUNNING or state == AWAITED or state == RESUMABLE or state == REMOVED
  if not open or #value < rest + 27 then
    return {}
  end
  local length
  record.lease_end, record.token, record.steps_end, length, rest = struct.unpack(NUMBERS, value, rest)
  if #value ~= rest - 1 + length then
    return {}
  end
  record.steps = string.sub(value, rest)
  record.length_without_steps = rest - 1
  return record
end

local function holds(record, owner)
  return record and record.owner == owner and (record.state == RUNNING or record.state == AWAITED)
end

local function start(record, state)
  return struct.pack(START, 'ik', state, #record.owner, record.owner, #record.fingerprint, record.fingerprint)
end

local function open(record, state)
  return start(record, state)
    .. struct.pack(NUMBERS, record.lease_end, record.token, record.steps_end, #record.steps) .. record.steps
end

-- Writes the record to last for some milliseconds, or for ever if they are -1.
local function write(value, milliseconds)
  if tonumber(milliseconds) < 0 then
    redis.call('SET', KEYS[1], value)
  else
    redis.call('SET', KEYS[1], value, 'PX', milliseconds)
  end
end

-- Writes the record in place of one that is there. A full Redis refuses the first write of a script if that may need
-- memory; PERSIST never does, and whatever follows gets in.
local function rewrite(value, milliseconds)
  redis.call('PERSIST', KEYS[1])
  write(value, milliseconds)
end

-- Returns how long the record of a lease lasts: with what stays after the lease is abandoned, nothing (''), for ever
-- ('-1'), or for some milliseconds; and as long as its steps keep it.
local function lifetime(record, now, lease, abandoned)
  if abandoned == '-1' or record.steps_end == FOR_EVER then
    return -1
  end
  return math.max(lease + (tonumber(abandoned) or 0), record.steps_end - now)
end

local function milliseconds(time)
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
