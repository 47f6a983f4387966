package io.idempotency.method;

import java.lang.reflect.Method;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

import io.idempotency.policy.InvalidIdempotencyConfigurationException;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.context.expression.BeanFactoryResolver;
import org.springframework.context.expression.MethodBasedEvaluationContext;
import org.springframework.core.DefaultParameterNameDiscoverer;
import org.springframework.core.ParameterNameDiscoverer;
import org.springframework.expression.EvaluationException;
import org.springframework.expression.ParseException;
import org.springframework.expression.spel.SpelNode;
import org.springframework.expression.spel.ast.VariableReference;
import org.springframework.expression.spel.standard.SpelExpression;
import org.springframework.expression.spel.standard.SpelExpressionParser;

/**
 * A SpEL expression that is evaluated with the parameters of a method and, for a
 * listener, its message.
 */
final class CallExpression {

	private static final ParameterNameDiscoverer PARAMETER_NAMES = new DefaultParameterNameDiscoverer();

	private static final List<String> MESSAGE = List.of("payload", "headers");

	private static final SpelExpressionParser PARSER = new SpelExpressionParser();

	private final SpelExpression expression;

	private final Set<String> variables;

	private final Method method;

	private final BeanFactory beanFactory;

	private CallExpression(SpelExpression expression, Set<String> variables, Method method, BeanFactory beanFactory) {
		this.expression = expression;
		this.variables = variables;
		this.method = method;
		this.beanFactory = beanFactory;
	}

	/**
	 * Parses an expression of an annotation.
	 * @param attribute the attribute of the annotation, for messages
	 * @throws InvalidIdempotencyConfigurationException if the expression is invalid, or
	 * uses a variable that the method does not have
	 */
	static CallExpression of(String attribute, String text, Method method, boolean listener, BeanFactory beanFactory) {
		String place = "@Idempotent(%s = \"%s\") on %s".formatted(attribute, text, method);
		SpelExpression expression;
		try {
			expression = PARSER.parseRaw(text);
		}
		catch (ParseException ex) {
			throw new InvalidIdempotencyConfigurationException(
					place + " is not a valid expression: " + ex.getSimpleMessage() + ".",
					"Write an expression over the parameters of the method, such as #order.id.");
		}
		Set<String> known = variables(method, listener);
		Set<String> variables = new LinkedHashSet<>();
		collectVariables(expression.getAST(), variables);
		Set<String> unknown = new LinkedHashSet<>(variables);
		unknown.removeAll(known);
		if (!unknown.isEmpty()) {
			throw new InvalidIdempotencyConfigurationException(
					place + " uses #" + unknown.iterator().next() + ", which is not a parameter of the method.",
					"Use one of " + known + "; if the names of the parameters are missing, compile with -parameters.");
		}
		return new CallExpression(expression, variables, method, beanFactory);
	}

	private static Set<String> variables(Method method, boolean listener) {
		Set<String> names = new LinkedHashSet<>();
		String[] parameters = PARAMETER_NAMES.getParameterNames(method);
		for (int i = 0; i < method.getParameterCount(); i++) {
			if (parameters != null) {
				names.add(parameters[i]);
			}
		}
		if (listener) {
			names.addAll(MESSAGE);
		}
		for (int i = 0; i < method.getParameterCount(); i++) {
			names.add("p" + i);
			names.add("a" + i);
		}
		return names;
	}

	private static void collectVariables(SpelNode node, Set<String> names) {
		if (node instanceof VariableReference) {
			String name = node.toStringAST().substring(1);
			if (!name.equals("this") && !name.equals("root")) {
				names.add(name);
			}
		}
		for (int i = 0; i < node.getChildCount(); i++) {
			collectVariables(node.getChild(i), names);
		}
	}

	/**
	 * Returns whether the expression uses only the message.
	 */
	boolean isOfMessage() {
		return MESSAGE.containsAll(this.variables);
	}

	/**
	 * Returns the value for a call.
	 * @throws EvaluationException if the expression cannot be evaluated
	 */
	@Nullable Object value(@Nullable Object target, @Nullable Object[] arguments, @Nullable IncomingMessage message,
			@Nullable Object payload) {
		MethodBasedEvaluationContext context = new MethodBasedEvaluationContext(target, this.method, arguments,
				PARAMETER_NAMES);
		context.setBeanResolver(new BeanFactoryResolver(this.beanFactory));
		if (message != null) {
			context.setVariable("payload", payload);
			context.setVariable("headers", message.headers());
		}
		return this.expression.getValue(context);
	}

	@Override
	public String toString() {
		return this.expression.getExpressionString();
	}

}
