<%@ page contentType="text/html;charset=UTF-8" %>
<%@ taglib prefix="form" uri="http://www.springframework.org/tags/form" %>
<%@ taglib prefix="spring" uri="http://www.springframework.org/tags" %>
<!DOCTYPE html>
<html>
<body>
<form:form id="get" action="/pay" method="get"></form:form>
<form:form id="plain-get" action="/pay" method="GET"></form:form>
<form:form id="post" action="/pay" method="post"></form:form>
<form:form id="plain-post" action="/pay"></form:form>
<form:form id="put" action="/pay" method="put"></form:form>
<form:form id="post-after-put" action="/pay" method="post"></form:form>
<form:form id="patch" action="/pay" method="patch"></form:form>
<form:form id="delete" action="/pay" method="DELETE"></form:form>
<form:form id="renamed-delete" action="/pay" method="delete" methodParam="_verb"></form:form>
<form:form id="head" action="/pay" method="head"></form:form>
<form:form id="other-query" action="/pay?a=__idempotent_key&b=2" method="post"></form:form>
<form:form id="own-key" action="/pay?a=1&__idempotent_key=0b54ad6e-0b42-4ad9-92dc-bdbbb8e5ff3e" method="post"></form:form>
<form:form id="no-key" action="/pay?a=1&__idempotent_key=" method="post"></form:form>
<form:form id="get-with-key" action="/pay" method="get"><spring:eval expression="@idempotencyForm.hiddenInput" htmlEscape="false"/></form:form>
</body>
</html>
