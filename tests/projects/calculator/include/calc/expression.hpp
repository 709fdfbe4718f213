#pragma once

#include <memory>
#include <string>
#include <utility>

#include "calc/scope.hpp"

namespace calc {

/// A node of a parsed expression.
class Expression {
 public:
  virtual ~Expression() = default;

  virtual double evaluate(const Scope& scope) const = 0;
};

using ExpressionPtr = std::unique_ptr<Expression>;

class Number : public Expression {
 public:
  explicit Number(double value) : value_(value) {}
  double evaluate(const Scope& scope) const override;

 private:
  double value_;
};

class Variable : public Expression {
 public:
  Variable(std::string name, std::size_t offset) : name_(std::move(name)), offset_(offset) {}
  double evaluate(const Scope& scope) const override;

 private:
  std::string name_;
  std::size_t offset_;
};

class Call : public Expression {
 public:
  Call(std::string name, ExpressionPtr argument, std::size_t offset)
      : name_(std::move(name)), argument_(std::move(argument)), offset_(offset) {}
  double evaluate(const Scope& scope) const override;

 private:
  std::string name_;
  ExpressionPtr argument_;
  std::size_t offset_;
};

class Binary : public Expression {
 public:
  Binary(char sign, ExpressionPtr left, ExpressionPtr right)
      : sign_(sign), left_(std::move(left)), right_(std::move(right)) {}
  double evaluate(const Scope& scope) const override;

 private:
  char sign_;
  ExpressionPtr left_;
  ExpressionPtr right_;
};

}  // namespace calc
