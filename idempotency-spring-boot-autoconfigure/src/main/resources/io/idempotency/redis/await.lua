-- Notes in the record that somebody waits for its end, if it is in progress.
local record = read()
if not record or record.state ~= RUNNING then
  return 0
end
local left = redis.call('PTTL', KEYS[1])
rewrite(open(record, AWAITED), left)
return 1
