-- Marks a record in progress as awaited, so that its end is published.
local record = read()
if not record or record.state ~= RUNNING then
  return 0
end
local left = redis.call('PTTL', KEYS[1])
if left == 0 then
  -- It expires now. SET refuses such an expiry, when the old one is gone already.
  return 0
end
rewrite(open(record, AWAITED), left)
return 1
