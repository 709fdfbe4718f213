#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

namespace calc {

/// A name's value, if it has one.
template <typename Value>
class Table {
 public:
  void set(const std::string& name, Value value) { values_[name] = std::move(value); }

  std::optional<Value> find(const std::string& name) const {
    auto found = values_.find(name);
    if (found == values_.end()) return std::nullopt;
    return found->second;
  }

 private:
  std::map<std::string, Value> values_;
};

using Function = std::function<double(double)>;

/// The variables and functions that an expression may name.
struct Scope {
  Table<double> variables;
  Table<Function> functions;

  /// π, e, sqrt, sin and cos.
  static Scope standard();
};

}  // namespace calc
