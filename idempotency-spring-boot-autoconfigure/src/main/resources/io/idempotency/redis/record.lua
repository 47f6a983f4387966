-- Every script begins with this file. The record KEYS[1] is a string, because a string takes less memory than any other
-- type. It has the letters 'ik', the state, the owner token and the fingerprint, each of the last two after its length.
-- A completed record then has the fencing token and the outcome. Other records have the end of the lease in
-- milliseconds, the fencing token, the time in milliseconds until which the steps keep the record, and the steps after
-- their length.
local RUNNING, AWAITED, RESUMABLE, REMOVED, COMPLETED = 'r', 'w', 'p', 'x', 'c'
local START, TOKEN, NUMBERS = '>c2c1Hc0Bc0', '>I8', '>I8I8I8I4'
local FOR_EVER = 9007199254740991

-- Returns nil if the key does not exist, and a record without a state if its value is not a record.
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

-- Writes the record, which expires after the given milliseconds, or never if they are negative.
local function write(value, milliseconds)
  if tonumber(milliseconds) < 0 then
    redis.call('SET', KEYS[1], value)
  else
    redis.call('SET', KEYS[1], value, 'PX', milliseconds)
  end
end

-- Replaces an existing record. When Redis has reached maxmemory, it rejects a script whose first write may need memory.
-- PERSIST never needs memory, and all writes after it are accepted.
local function rewrite(value, milliseconds)
  redis.call('PERSIST', KEYS[1])
  write(value, milliseconds)
end

-- Returns for how many milliseconds the record of a lease is kept, or -1 for ever: for the duration of the lease and
-- the time that an abandoned record is kept after it (empty for none, -1 for ever), but at least as long as its steps
-- keep it.
local function lifetime(record, now, lease, abandoned)
  if abandoned == '-1' or record.steps_end == FOR_EVER then
    return -1
  end
  return math.max(lease + (tonumber(abandoned) or 0), record.steps_end - now)
end

local function milliseconds(time)
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
